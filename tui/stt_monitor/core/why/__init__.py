"""Why a turn ended when it did: the account of a finished turn, as a value and in words."""
