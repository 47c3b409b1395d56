"""A person's login, from which a refresh token comes: with a code that is entered in any browser (RFC 8628)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .settings import OAuth2
from .tokens_ask import PATIENCE, Answer, TokenRefusedError, TokenTroubleError, ask, is_token, seconds

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_SHORTEST, _USUAL, _LONGEST, _SLOWER = 1.0, 5.0, 60.0, 5.0  # seconds between two questions, RFC 8628 §3.5
_USUAL_LIFE, _LONGEST_LIFE = 600.0, 1800.0
_SHOWN = 200  # characters of what a person is told to open and to enter
_WORDS = {
    "access_denied": "the login was refused there",
    "expired_token": "nobody has entered the code in time; run it again",
}


@dataclass(frozen=True, slots=True)
class Login:
    """Whose it is: `what` is the place of its `oauth2` in the config, `say` tells the person what to do."""

    oauth2: OAuth2
    what: str
    username: str
    say: Callable[[str], None]
    clock: Callable[[], float]
    patience: float = PATIENCE

    def ask(self, url: str, form: Mapping[str, str], *secrets: str) -> Answer:
        oauth2 = self.oauth2
        whole = {"client_id": oauth2.client_id, "client_secret": oauth2.client_secret, **form}
        hidden = tuple(filter(None, (oauth2.client_secret, *secrets)))
        try:
            return ask(url, {name: text for name, text in whole.items() if text}, hidden, oauth2.ca, self.patience)
        except TokenTroubleError as error:
            raise TokenTroubleError(f"{self.what}: {error}") from error

    def refused(self, why: str) -> TokenRefusedError:
        return TokenRefusedError(f"{self.what}: {why}")

    def denied(self, answer: Answer) -> TokenRefusedError:
        return self.refused(_WORDS.get(answer.error) or f"no login: {answer.why}")

    def refresh_token(self, answer: Answer) -> str:
        """What the login was for."""
        if answer.error:
            raise self.denied(answer)
        token = answer.text("refresh_token")
        if not is_token(token):
            raise self.refused("the server gave no refresh_token; does scope have to name offline_access?")
        return token


def by_code(login: Login, sleep: Callable[[float], None]) -> str:
    """The refresh token of who enters the code that `login.say` tells; TokenRefusedError when nobody does."""
    oauth2 = login.oauth2
    begun = login.ask(oauth2.device_url, {"scope": oauth2.scope})
    if begun.error:
        raise login.denied(begun)
    secret, code = begun.text("device_code"), begun.text("user_code")
    address = begun.text("verification_uri") or begun.text("verification_url")  # the second is Google's name for it
    if not (secret and code and address):
        raise TokenTroubleError(f"{login.what}: {oauth2.device_url} gave no code to log in with")
    login.say(f"Open {address[:_SHOWN]} in any browser, enter the code {code[:_SHOWN]}, log in as {login.username}.")
    pause = min(max(seconds(begun.fields.get("interval")) or _USUAL, _SHORTEST), _LONGEST)
    deadline = login.clock() + min(seconds(begun.fields.get("expires_in")) or _USUAL_LIFE, _LONGEST_LIFE)
    form = {"grant_type": DEVICE_GRANT, "device_code": secret}
    while login.clock() < deadline:
        sleep(pause)
        try:
            answer = login.ask(oauth2.token_url, form, secret)
        except TokenTroubleError:  # it may go well at the next question, RFC 8628 §3.5
            pause = min(2 * pause, _LONGEST)
            continue
        if answer.error == "slow_down":
            pause += _SLOWER
        elif answer.error != "authorization_pending":
            return login.refresh_token(answer)
    raise login.refused(_WORDS["expired_token"])
