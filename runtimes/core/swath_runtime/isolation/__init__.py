"""Calls in processes of their own: killed when they take too long, replaced when they die.

    server                          nursery                         child
    Pool, Place  -- fork, end -->   loads once, forks     ---->     Loaded, one call at a time
         |                                                             |
         +------------------ Channel: calls, results, cancellation ----+

The nursery is a fresh interpreter, so it has one thread and may fork (docs/decisions/0025-calls-in-processes.md).
"""
