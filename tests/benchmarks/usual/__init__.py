"""The same work built in the usual way, to compare with: FastStream, typed messages, SQLModel, an outbox.

One message is one handler call, one session and one transaction: an inbox row, the rows of the state, an outbox row
per message said; published with confirm after the commit, outbox rows deleted many at a time. The four services say and
hear per case what naast says and hears, as far as somebody does something with it.
"""
