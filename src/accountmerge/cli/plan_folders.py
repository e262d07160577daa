"""Write plans into a folder, each into a file that is named by its content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from accountmerge.cli.answers import document_text
from accountmerge.cli.files import is_other_content, write_output
from accountmerge.cli.given_paths import CONFIRMED
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.messages.readers import SHORT_ID

if TYPE_CHECKING:
    from accountmerge.cli.screens import Screen
    from accountmerge.kinds import AnyPlan


def file_name(plan: AnyPlan) -> str:
    """Return the name of the file of a plan, which holds no personal value.

    It is the kind of the plan and the start of its id.
    """
    return f"{plan.change_set.intent}-{plan.plan_id[:SHORT_ID]}.json"


def ready_folder(folder: str) -> Path:
    """Return a folder, which is made if only its last part is missing."""
    path = Path(folder)
    try:
        path.mkdir(exist_ok=True)
    except FileExistsError:
        raise BadInput(Problem("out_is_file"), about=folder) from None
    except FileNotFoundError:
        raise BadInput(Problem("no_folder", folder=str(path.parent)), about=folder) from None
    except PermissionError:
        raise BadInput(Problem("folder_not_writable", folder=str(path.parent)), about=folder) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise BadInput(Problem("unwritable", reason=reason), about=folder) from None
    return path


def write_plans(screen: Screen, folder: str, plans: Sequence[AnyPlan], *, force: bool) -> dict[str, str]:
    """Write each plan into a folder, and return the names of the files by plan id.

    A file with other content is left alone and named, unless `force` is set. Files of earlier runs are named.
    """
    path = ready_folder(folder)
    names: dict[str, str] = {}
    with screen.progress("cli.writing_plans") as on_plan:
        for done, plan in enumerate(plans, start=1):
            target = path / file_name(plan)
            names[plan.plan_id] = str(target)
            text = document_text(plan)
            if not force and is_other_content(target, text):
                screen.note("cli.kept", path=str(target))
            else:
                write_output(str(target), text, force=force)
            on_plan(done, len(plans))
    written = {Path(name).name for name in names.values()}
    confirmed = {name.removesuffix(".json") + CONFIRMED for name in written}
    others = sorted(file.name for file in path.glob("*.json") if file.name not in written | confirmed)
    if others:
        screen.note("cli.left_alone", files=tuple(others))
    return names
