#include "team.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "cpu.h"

#if !defined(_WIN32)
#include <signal.h>
#endif

namespace tbptt {
namespace {

// A helper looks for work so many times before it sleeps: about a tenth of a millisecond, longer than the gaps between the parts of a
// window.
constexpr int kLooks = 3000;

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Signals are for the threads of the program, not for those of this library; threads inherit what their maker blocks. A thread's own
// faults are its own: blocked, they would end the process without the report that the program's handler writes.
class SignalsBlocked {
 public:
#if defined(_WIN32)
  SignalsBlocked() {}
#else
  SignalsBlocked() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
#endif
};

}  // namespace

class Team {
 public:
  explicit Team(int helpers) {
    const SignalsBlocked blocked;
    try {
      for (int thread = 1; thread <= helpers; ++thread) threads_.emplace_back([this, thread] { help(thread); });
    } catch (...) {
      end();
      throw;
    }
  }
  ~Team() { end(); }

  void share_out(int parts, Task task, void* argument) {
    task_ = task;
    argument_ = argument;
    parts_ = parts;
    done_.store(0);
    unclaimed_.store(parts);
    if (sleepers_.load() > 0) {
      const std::lock_guard<std::mutex> lock(mutex_);
      work_.notify_all();
    }
    work(0);
    for (int look = 0; done_.load() < parts; ++look) look < kLooks ? pause() : std::this_thread::yield();
  }

 private:
  // Task, argument and parts stay as they are while a part of them is claimed and not done.
  void work(int thread) {
    for (int left = unclaimed_.load(); left > 0;) {
      if (!unclaimed_.compare_exchange_weak(left, left - 1)) continue;
      task_(argument_, parts_ - left, thread);
      done_.fetch_add(1);
      left = unclaimed_.load();
    }
  }

  void help(int thread) {
    const FlushToZero flush;
    int looks = 0;
    while (!ended_.load()) {
      if (unclaimed_.load() > 0) {
        work(thread);
        looks = 0;
      } else if (++looks < kLooks) {
        pause();
      } else {
        std::unique_lock<std::mutex> lock(mutex_);
        sleepers_.fetch_add(1);  // before it looks once more: whoever shares out after that look sees a sleeper
        // With a time, as wait() is a symbol of GCC 12's libstdc++: the machines of many clusters have older ones.
        while (unclaimed_.load() == 0 && !ended_.load()) work_.wait_for(lock, std::chrono::hours(1));
        sleepers_.fetch_sub(1);
        looks = 0;
      }
    }
  }

  void end() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ended_.store(true);
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Task task_ = nullptr;
  void* argument_ = nullptr;
  int parts_ = 0;
  std::atomic<int> unclaimed_{0}, done_{0}, sleepers_{0};
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<std::thread> threads_;
};

Team* start_team(int threads) {
  try {
    return new Team(threads - 1);
  } catch (const std::exception&) {
    return nullptr;
  }
}

void end_team(Team* team) { delete team; }

void share_out(Team& team, int parts, Task task, void* argument) { team.share_out(parts, task, argument); }

}  // namespace tbptt
