/* An empty GPU backend for the Ollama server that the tests run.
 *
 * The build of Ollama that the package index holds links against Intel's SYCL
 * backend, libollama-ggml-sycl.so, and aborts where no Intel GPU is found. This
 * file stands in for that library: it registers a backend with no devices, so
 * the server falls back to the CPU. It exports the four symbols that the other
 * libraries of that build import from the original, and nothing else.
 *
 * Built by tests/ollama_server.py; written for ggml's backend interface,
 * API version 1 (ggml-backend-impl.h: ggml_backend_reg, ggml_backend_reg_i).
 */
#include <stddef.h>
#include <stdlib.h>

struct registry;

/* Field order is the ABI: ggml reads the version first, then four callbacks. */
struct registry {
    int api_version;
    const char *(*get_name)(struct registry *);
    size_t (*get_device_count)(struct registry *);
    void *(*get_device)(struct registry *, size_t);
    void *(*get_proc_address)(struct registry *, const char *);
    void *context;
};

static const char *get_name(struct registry *self) {
    (void)self;
    return "SYCL";
}

static size_t get_device_count(struct registry *self) {
    (void)self;
    return 0;
}

static void *get_device(struct registry *self, size_t index) {
    (void)self;
    (void)index;
    return NULL;
}

static void *get_proc_address(struct registry *self, const char *name) {
    (void)self;
    (void)name;
    return NULL;
}

struct registry *ggml_backend_sycl_reg(void) {
    static struct registry empty = {
        1, get_name, get_device_count, get_device, get_proc_address, NULL,
    };
    return &empty;
}

void *ggml_backend_sycl_init(int device) {
    (void)device;
    return NULL;
}

/* llama.cpp builds a C++ string from this while it creates a context: not NULL. */
const char *ggml_backend_sycl_get_device_name(int device) {
    (void)device;
    return "none";
}

/* Rearranges weights for a GPU; a model on the CPU must never come here, and a
 * silent no-op would leave it with garbage. The name is C++'s, mangled, of
 * ggml_format_convert_to_xpu(const void *, void *, size_t, int). */
void _Z26ggml_format_convert_to_xpuPKvPvmi(const void *source, void *target, size_t size, int type) {
    (void)source;
    (void)target;
    (void)size;
    (void)type;
    abort();
}
