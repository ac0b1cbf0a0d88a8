"""The embedded servers of the local default: object store, PostgreSQL, Dagster's own processes.

What belongs here: finding, starting, watching and ending servers on this machine, and telling others how to reach
them. What does not: what the servers are used for (that is storage and defs).

    process        what a server is to those who start it: a value
    guard          the process that starts servers and sees to it that none outlives its owner
    supervisor     the owner's side of the guard
    object_store   SeaweedFS
    database       PostgreSQL
    dagster_processes  code server, daemon, webserver
    local_stack    all of them together
    connection     how another process on this machine reaches a running stack
"""
