"""What every server grants its clients: how many connections there may be, and how long one may be idle."""

import resource

KEEP_ALIVE_S = 75  # longer than the 60 s after which common load balancers drop an idle connection
MOST_CONNECTIONS = 10_000  # some 10 KB each; the longest idle one makes room for the next
OTHER_FILES = 256  # descriptors for all else: files that are read, the model, logs


def most_connections() -> int:
    """Connections that a server process may have, within the descriptors that the system grants it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    granted = wanted if soft == resource.RLIM_INFINITY else soft
    return max(min(MOST_CONNECTIONS, granted - OTHER_FILES), 16)
