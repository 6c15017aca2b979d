"""How terms are joined: NOT binds first, then AND, written or not, then OR.

either = both (OR both)*
both   = one (AND? one)*
one    = NOT one | TERM | MODIFIER | OPEN either CLOSE
"""

from __future__ import annotations

from paperwire.core.query.nodes import And, Node, Or, in_field, joined, negated
from paperwire.core.query.scanner import Scanner, Token, TokenKind


class Parser:
    """Recursive descent over a scanner's tokens, one ahead; the scanner refuses nesting deeper than 32."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._tokens = scanner.tokens()
        self._ahead = next(self._tokens, None)

    def parse(self) -> Node:
        """The whole query; an empty And for a lone modifier, such as `upvotes>=N`."""
        root = self._either()
        if self._ahead is not None:
            self._scanner.complain(self._ahead)
        return root

    def _expect(self, *kinds: TokenKind) -> Token:
        """Take the token ahead and read the next one; refuse the query if the token is of another kind."""
        token = self._ahead
        if token is None or token.kind not in kinds:
            self._scanner.complain(token)
        self._ahead = next(self._tokens, None)
        return token

    def _is_ahead(self, *kinds: TokenKind) -> bool:
        return self._ahead is not None and self._ahead.kind in kinds

    def _either(self) -> Node:
        parts = [self._both()]
        while self._is_ahead("OR"):
            self._expect("OR")
            parts.append(self._both())
        return joined(Or, parts)

    def _both(self) -> Node:
        parts = self._one()
        while self._is_ahead("AND", "NOT", "TERM", "MODIFIER", "OPEN"):
            if self._is_ahead("AND"):
                self._expect("AND")
            parts += self._one()
        return joined(And, parts) if parts else And(())

    def _one(self) -> list[Node]:
        """A term or group; nothing for one kept apart, which the scanner refuses after NOT and in brackets."""
        token = self._expect("NOT", "OPEN", "TERM", "MODIFIER")
        if token.kind == "NOT":
            return [negated(node) for node in self._one()]
        if token.kind == "OPEN":
            node = self._either()
            self._expect("CLOSE")
            return [in_field(node, token.text)]
        return [] if token.term is None else [token.term]
