"""followup: the case, its clocks and the one task list.

Hears     SupportOffered, SupportWithdrawn, SupporterMatched, MatchFailed; contacts, conversations, extensions and
          closings that people record; the colleague's wish to decline, pause or come back; tasks of the other services.
Says      ContactAttempted, FirstContactMade, ConversationHeld, ConversationNotAllowed, ExtensionGranted, ClockMissed,
          SupportDeclined, SupportPaused, SupportResumed, HelpRequested, CaseClosed, TaskRaised, TaskFinished.
Remembers the case from its offer on, never what was said in it, and every task that waits for a person.
Decides   whether one more conversation is allowed, which clocks run, who hears of a missed one (rules.toml, FOLLOW).
"""
