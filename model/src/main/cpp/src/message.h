// The one line that a failing call leaves behind.
#pragma once

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

// Returns what `call` returns unless that is TBPTT_OK.
#define TBPTT_CHECK(call)                       \
  do {                                          \
    if (int32_t status = (call)) return status; \
  } while (false)

namespace tbptt {

class Message {
 public:
  Message(char* text, int32_t bytes) : text_(bytes > 0 ? text : nullptr), bytes_(bytes) {
    if (text_) text_[0] = 0;
  }
  // Writes the line and gives `status` back.
  __attribute__((format(printf, 3, 4))) int32_t fail(int32_t status, const char* format, ...) const {
    if (!text_) return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text_, static_cast<size_t>(bytes_), format, arguments);
    va_end(arguments);
    return status;
  }

 private:
  char* text_;
  int32_t bytes_;
};

}  // namespace tbptt
