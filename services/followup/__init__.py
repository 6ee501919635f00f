"""followup: the case, its clocks and the one task list.

Hears     offers and what becomes of them, matches and failures, plans of large events, supporters who leave or were
          involved; contacts, conversations and decisions that people record; tasks of the other services.
Says      contacts, conversations, extensions, missed clocks; ReplacementNeeded, HandedOver, danger, debriefs; what the
          colleague agreed to, check-ins, EvaluationDue; CaseClosed, and in the end CaseErased; tasks and notices.
Remembers the case from its offer to its erasure, never what was said in it; every task that waits for a person; and
          of erased cases how many were alike.
Decides   how many conversations, which clocks run, who hears of a missed one, when a case is erased (rules.toml).
"""
