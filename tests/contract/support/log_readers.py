"""Facts that a test looks for in a log."""


def positions(log):
    return [kept["position"] for kept in everything(log)]


def everything(log, limit=1000):
    """The whole log, page by page."""
    commits, after = [], 0
    while after is not None:
        page = log.read_all(after, limit)
        commits += page["commits"]
        after = page["next"]
    return commits


def versions(log, *streams):
    answer = log.read_streams([(stream, 0) for stream in streams])["streams"]
    return [answer[stream]["version"] for stream in streams]


def kinds(answer):
    """The outcome of each commit of `append_many`: "recorded", "duplicate" or the error's name."""
    return [
        outcome["error"]["type"] if "error" in outcome else "duplicate" if outcome["duplicate"] else "recorded"
        for outcome in answer["outcomes"]
    ]
