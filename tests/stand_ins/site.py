"""The pages of the invented assembly as a process, beside a stage that only talks and shows a picture.

``python -m tests.stand_ins.site DATA_FOLDER``; writes the secret of the control page to ``secret.txt`` there. What
the stage is asked goes to ``asked.jsonl``. A take changes what it reports, as a stage would. With a file ``no-days``
there the plan is not out yet.
the stage is asked goes to ``asked.jsonl``. A take changes what it reports, as a stage would.
A ``trace.json`` in the folder says what viewers' devices are left with.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.schedule.model import Trace
from allpoints.staff import ensure_secret
from allpoints.stage.pictures import jpeg
from allpoints.web import serve_web
from tests.stand_ins.assembly import assembly
from tests.stand_ins.fake_stage import FakeStage, report
from tests.stand_ins.logs import quiet_log
from tests.stand_ins.programs import flat


async def talk(folders: Folders) -> None:
    """Report twice a second; the rundown's second item is on air after the first take, and so on."""
    async with FakeStage(folders.sockets / "stage.sock") as stage:
        told = 0
        while True:
            await asyncio.sleep(0.1)
            if len(stage.asked) > told:
                with (folders.data / "asked.jsonl").open("ab") as file:
                    for request in stage.asked[told:]:
                        file.write(msgspec.json.encode(request) + b"\n")
                told = len(stage.asked)
            if not (folders.data / "silent").exists():
                stage.tell(report(datetime.now(UTC), takes=stage.takes))


def main(data: Path) -> None:
    folders = Folders.beneath(data)
    folders.make()
    if secret := ensure_secret(folders):
        (data / "secret.txt").write_text(secret)
    for name, shade in (("program", 90), ("preview", 140), ("source-opening-film", 60), ("source-harbour-live", 200)):
        (folders.pictures / f"{name}.jpg").write_bytes(jpeg(flat(shade)))
    threading.Thread(target=lambda: asyncio.run(talk(folders)), daemon=True).start()
    settings, plan = Settings.read({"data": str(data)}), assembly(datetime.now(UTC))
    if (data / "no-days").exists():
        plan = replace(plan, days=())
    if (data / "trace.json").exists():
        plan = replace(plan, trace=msgspec.json.decode((data / "trace.json").read_bytes(), type=Trace))
    serve_web(settings, folders, log=quiet_log(folders), gathering=plan)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
