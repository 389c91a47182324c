// What a C++ program does with the kernels' C interface: the same batch, call after call. The managed
// benchmark times these loops in its own process, on the library that it has loaded itself.
#include "riskgrid/kernels.h"

extern "C" {

RG_API void loop_price(int32_t (*price)(const rg_forward_batch*, double*, uint8_t*, int64_t*),
                       const rg_forward_batch* batch, double* out, uint8_t* status, int64_t calls) {
    int64_t refused = 0;
    for (int64_t i = 0; i < calls; ++i) price(batch, out, status, &refused);
}

RG_API void loop_greeks(int32_t (*greeks)(const rg_spot_batch*, const rg_greeks*, uint8_t*, int64_t*),
                        const rg_spot_batch* batch, const rg_greeks* out, uint8_t* status, int64_t calls) {
    int64_t refused = 0;
    for (int64_t i = 0; i < calls; ++i) greeks(batch, out, status, &refused);
}

RG_API void loop_implied(int32_t (*implied)(const rg_forward_batch*, const double*, double*, uint8_t*,
                                            int64_t*),
                         const rg_forward_batch* batch, const double* price, double* out, uint8_t* status,
                         int64_t calls) {
    int64_t refused = 0;
    for (int64_t i = 0; i < calls; ++i) implied(batch, price, out, status, &refused);
}

}  // extern "C"
