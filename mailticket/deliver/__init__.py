"""Ways out: final bytes are handed to the mail server."""
