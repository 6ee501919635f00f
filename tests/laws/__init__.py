"""The laws of the protocol (matching and follow-up), tried on random histories of a whole hospital.

`town.py` is the hospital: the four services as they are, in memory, with a bus that delivers late, twice, in any order
and in any cut, with a clock that jumps and services that restart. `machine.py` does what outsiders do. `offers.py`,
`asks.py` and `cases.py` keep their own account of what was said and hold it against the laws after every step, and
again when everything was delivered; none of them asks the product what its rules say.

The laws, by number:
1. For each report and each person it names there is at most one offer; exactly one where there is cause.
2. Nobody has more conversations than the limit and the extensions that the coordinator granted.
3. Nobody is asked or gets a case whom a rule excludes, unless the coordinator set that rule aside by hand, on record;
   one ask and one supporter at a time; a place is taken as long as its case is, and no longer.
4. Where nobody can be asked it is said which rule removed how many, and the counts add up to the pool.
5. A clock that was missed is told once, to one owner, at the next tick; left alone, every open case ends up with
   somebody who must act.
6. Who declined, stopped or was taken off hears one confirmation and nothing more.
10. Who was taken off a report before the contact is never contacted; after it, the coordinator is asked.
And: a message that comes twice does nothing, a restart forgets nothing, nothing is undecidable, and the same history
in another order and other cuts ends with the same number of open offers.

`./dev test` takes more than 10,000 steps, `./dev test --long tests/laws` fifty times as many;
`python -m tests.laws.sabotage` plants faults and tells which of them are noticed.
"""
