#pragma once
#include <stdint.h>

/// How often malloc, calloc, realloc and the like were called in this process so far.
uint64_t allocation_count(void);

/// How many bytes were asked of them.
uint64_t allocation_bytes(void);
