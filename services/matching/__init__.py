"""matching: asks and load.

Hears     SupportOffered, SupportWithdrawn, staff and standing of supporters, what pauses or ends a case; a supporter's
          yes or no, and the coordinator's wish to search again.
Says      SupporterAsked, AskAccepted, AskDeclined, AskExpired, AskWithdrawn, SupporterMatched, and MatchFailed, which
          tells which rule removed how many.
Remembers per supporter what the rules need and the open cases, in which an open ask counts; per case who was asked and
          who said no.
Decides   who may be asked, who is asked first, and when the next one is (rules.toml, MATCH).
"""
