"""The demo's content: an invented gathering, and its speakers' clips drawn and voiced by the project itself."""
