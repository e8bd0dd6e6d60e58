"""A client for any OpenAI-compatible chat endpoint: a local server, or a hosted one."""

from __future__ import annotations

import json
import os
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

RETRIED = frozenset((408, 409, 425, 429, 500, 502, 503, 504))
KEY_VARIABLE = "OPENAI_API_KEY"


class EndpointError(RuntimeError):
    """The endpoint refused, or did not answer in any of the attempts."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`url` up to /v1; the key, where one is needed, is read from OPENAI_API_KEY."""

    url: str
    model: str
    temperature: float = 0.8
    attempts: int = 5
    timeout_seconds: float = 120.0
    pause: Callable[[float], None] = time.sleep

    def complete(self, system: str, user: str, seed: int) -> str:
        """The text of the answer. Raises EndpointError when the endpoint refuses or every attempt fails."""
        body = {
            "model": self.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "temperature": self.temperature,
            "seed": seed,
            "response_format": {"type": "json_object"},
        }
        problem = ""
        for attempt in range(self.attempts):
            if attempt:
                self.pause(2 ** (attempt - 1) * random.uniform(0.5, 1.0))
            try:
                return _text(self._post(body))
            except urllib.error.HTTPError as error:
                problem = f"status {error.code}: {error.read(300).decode('utf-8', 'replace')}"
                if error.code not in RETRIED:
                    break
            except (OSError, ValueError) as error:
                problem = str(error)
        raise EndpointError(f"{self.url}: {problem}")

    def _post(self, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(KEY_VARIABLE):
            headers["Authorization"] = f"Bearer {key}"
        url = f"{self.url.rstrip('/')}/chat/completions"
        request = urllib.request.Request(url, json.dumps(body).encode("utf-8"), headers)
        with urllib.request.urlopen(request, timeout=self.timeout_seconds) as response:
            return json.loads(response.read())


def _text(answer: Any) -> str:
    try:
        text = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"no choices[0].message.content in {str(answer)[:200]}") from error
    if not isinstance(text, str):
        raise ValueError(f"message.content is {type(text).__name__}")
    return text
