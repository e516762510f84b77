"""RTMP, the publishing half: enough of the protocol to receive live pictures, with every size and wait bounded."""
