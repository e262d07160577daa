"""Pictures of plans, moves and merges, as charts of Altair (extra `accountmerge[notebook]`)."""

try:
    import altair as _altair  # noqa: F401, ICN001 - no name of this package
except ImportError as error:
    message = "accountmerge.notebook needs Altair: pip install 'accountmerge[notebook]'"
    raise ImportError(message) from error

from accountmerge.notebook.outcome_charts import merge_outcome
from accountmerge.notebook.timeline_charts import timeline
from accountmerge.notebook.titles import Picture
from accountmerge.notebook.week_charts import weeks

__all__ = ["Picture", "merge_outcome", "timeline", "weeks"]
