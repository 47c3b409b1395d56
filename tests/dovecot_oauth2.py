"""A private Dovecot that lets in who has an access token, and asks the tests' own token server about each one."""

from __future__ import annotations

from collections.abc import Sequence

from dovecot_imap import PASSWORD, ImapDovecot
from fakes.tokenserver import TokenServer

CONFIG = """\
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {file}
}}
"""
# Its own cache would let in whose token is good no more.
ASKING = """\
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


class TokenDovecot(ImapDovecot):
    """The tokens of `tokens` open the mailbox of its `user`, who has to be one of `users`; a password still does,
    too."""

    def __init__(
        self,
        tokens: TokenServer,
        users: Sequence[str] = ("support",),
        password: str = PASSWORD,
        without: Sequence[str] = (),
        more: str = "",
    ) -> None:
        super().__init__(users, password, without, more)
        file = self.folder / "oauth2.conf.ext"
        file.write_text(ASKING.format(url=tokens.url("introspect")))
        self.more += CONFIG.format(file=file)
