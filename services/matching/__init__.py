"""matching: asks and load.

Hears     what is offered, withdrawn or erased, who turns out to be involved, staff and standing of supporters, what
          pauses or ends a case; a supporter's yes or no, her hours and pauses; the colleague's wishes; and what the
          coordinator searches, picks, plans and confirms.
Says      SupporterAsked, AskAccepted, AskDeclined, AskExpired, AskWithdrawn, SupporterMatched, PlanMade, MatchFailed,
          which tells which rule removed how many; and that somebody paused, returned or has other hours.
Remembers per supporter what the rules need, when she is there and her open cases, in which an open ask counts; per case
          who was asked, who said no and what is wished; plans of large events; which cases wait.
Decides   who may be asked, who is asked first, and when the next one is (rules.toml, MATCH).
"""
