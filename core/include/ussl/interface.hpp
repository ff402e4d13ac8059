// How the functions of Context and Session are called: the one place that decides it.
//
// In a program with one backend, which any firmware is, they are plain functions: no table of them
// is linked, and those that nobody calls are dropped by the linker. A build that has programs with
// several backends (the project's own tests) sets USSL_SEVERAL_BACKENDS, and they are virtual. Both
// have the same source. All of a program must be compiled with the same setting.
#pragma once

#include "ussl/features.hpp"

#if USSL_SEVERAL_BACKENDS
#define USSL_VIRTUAL virtual
#define USSL_PURE = 0
#define USSL_OVERRIDE override
#else
#define USSL_VIRTUAL
#define USSL_PURE
#define USSL_OVERRIDE
#endif
