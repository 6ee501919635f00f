"""`naast tasks`, `feed`, `report`, `plan` and `overview`: a coordinator's day."""
