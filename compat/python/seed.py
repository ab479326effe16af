"""The names of what seed.ndjson holds: a company with an administrator, a viewer and a managed user."""

MERIDIAN = "0197a0000000700080000000000000a1"
HARBOUR = "0197a0000000700080000000000000a2"

ADA = ("ada@meridian.example", "compat-key-of-ada-0123456789abcdef0123")
VERA = ("vera@meridian.example", "compat-key-of-vera-0123456789abcdef012")
MONA_ID = "0197a0000000700080000000000000b3"

EXPIRED_TOKEN = "compat-expired-token-0123456789abcdef01"

# Well-formed, and never made by anybody.
UNKNOWN_ID = "0197a0000000700080000000000000ff"
