// The choice of an instruction set, made once when the library is loaded.
#pragma once

#include "kernel_table.h"

/// Null if this build or this processor lacks it.
const KernelTable* kernels_named(const char* name) noexcept;

/// The widest that the processor supports, or the one that RISKGRID_ISA names; null if that one is not
/// supported.
const KernelTable* chosen_kernels() noexcept;
