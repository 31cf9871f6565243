// The threads of one core: the caller's own and helpers that live as long as the core. What is shared out among them gives the same bits
// for every number of threads: each part of a task writes to places of its own, and sums over parts are taken in order afterwards.
#pragma once

namespace tbptt {

class Team;

// The helpers of a core with so many threads, the caller's own included; null if the system refuses a thread.
Team* start_team(int threads);
void end_team(Team* team);

// Calls task(argument, part, thread) once for each part 0 .. parts-1, on whichever thread is free; thread 0 is the caller's, each thread
// does one part at a time. Returns when all are done.
typedef void (*Task)(void* argument, int part, int thread);
void share_out(Team& team, int parts, Task task, void* argument);

}  // namespace tbptt
