"""What one machine asks the other, when the other dies in the middle of its answer."""

from __future__ import annotations

import socket
import threading

import pytest

from allpoints.publish.peer import Peer, PeerSilent


@pytest.mark.parametrize("sent", [0, 400, 999])
def test_an_answer_that_is_cut_short_is_no_answer(sent: int) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def answer() -> None:
            caller, _ = listener.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * sent)

        thread = threading.Thread(target=answer)
        thread.start()
        peer = Peer(f"http://127.0.0.1:{listener.getsockname()[1]}", "two lamps", timeout=3)
        with pytest.raises(PeerSilent):
            peer.released("v240/g1-5.m4s")
        peer.close()
        thread.join()
