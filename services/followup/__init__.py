"""followup: the case, its clocks and the one task list.

Hears     SupportOffered, SupportWithdrawn, SupporterMatched, MatchFailed; contacts, conversations, extensions and
          closings that people record; the colleague's wish to decline, pause or come back; tasks of the other services.
Says      FirstContactMade, ConversationHeld, ConversationNotAllowed, ClockMissed, ExtensionGranted, HelpRequested,
          ReplacementNeeded, CaseClosed, EvaluationDue, CaseErased and the rest of what happens in a case.
Remembers the case from its offer to its erasure, never what was said in it, and every task that waits for a person.
Decides   whether one more conversation is allowed, which clocks run, who hears of a missed one (rules.toml, FOLLOW).
"""
