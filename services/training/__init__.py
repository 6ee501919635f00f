"""training: the pool of supporters.

Hears     StaffRecorded, StaffLeft, HeadcountMeasured; nominations, completed trainings and attended intervisie that
          people record.
Says      SupporterNominated, SupporterQualified, IntervisieAttended, IntervisieDue, SupporterSuspended,
          SupporterReinstated, CoverageMeasured.
Remembers per supporter the nomination, the training and the last intervisie; per profession its headcount.
Decides   who is qualified, who is suspended for lack of intervisie and comes back, and whether a profession has enough
          supporters (rules.toml, TRAIN).
"""
