"""`python -m services.cli`, for where the script `naast` is not installed."""

from services.cli.main import main

main()
