"""One training in several processes, on one machine or on many, to the bits of a single one.

A batch's shards are spread over the processes, and their gradients are added in the order of the
shards: a running sum goes from each process to the next, which adds its own.
"""
