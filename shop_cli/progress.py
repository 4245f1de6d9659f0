"""Progress bar of a command, in commits."""

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


def progress_bar() -> Progress:
    """A progress bar, hidden if the output is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), _Speed(), TimeRemainingColumn())
    console = Console()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


class _Speed(ProgressColumn):
    """Commits per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} commits/s" if task.speed else "")
