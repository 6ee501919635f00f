"""intake: people and doors.

Hears     reports, staff lists, the coordinator's word on a report; what the other services say, so as to tell people.
Says      SupportOffered (one per report, with a case for each colleague), SupportWithdrawn, StaffRecorded, StaffLeft,
          HeadcountMeasured, NoticeSent, NoticeFailed, TaskRaised, TaskDone.
Remembers reports and their offers, staff in codes, and, alone of all services, who is who: contact cards, the row that
          joins a case and a person, and who looked at a card.
Decides   whether a report leads to an offer by itself, when it goes out, and to whom (rules.toml, INTAKE).
"""
