"""The program is made in sizes, sealed into segments, held back and put on shelves."""

from allpoints.publish.dumps import dumped_until_tick, record_dump
from allpoints.publish.ladder import LADDERS
from allpoints.publish.publisher import Publisher
from allpoints.publish.shelf import next_start_tick

__all__ = ["LADDERS", "Publisher", "dumped_until_tick", "next_start_tick", "record_dump"]
