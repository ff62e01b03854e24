// An LSTM layer by LIBXSMM's RNN cell: forward and backward of one batch.
//
// Weights and their gradients are plain arrays in Keras' order outside. A step brings the weights
// into LIBXSMM's blocks and the gradients back, as a training that changes the weights has to. All
// functions return 0, or 1 after an error whose text is in `layer_error()`.

#include <libxsmm.h>
#include <omp.h>

#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr int GATES = 4;
constexpr int KERAS_GATE[GATES] = {0, 2, 1, 3};  // LIBXSMM has i, c, f, o; Keras i, f, c, o
constexpr int FIRST_ERROR = 100000;              // lower codes are warnings about block sizes
constexpr int MOST_UNITS_IN_A_BLOCK = 64, MOST_DOCUMENTS_IN_A_BLOCK = 32;
std::string last_error;

void check(libxsmm_dnn_err_t status) {
  if (status >= FIRST_ERROR) throw std::runtime_error(libxsmm_dnn_get_error(status));
}

class Floats {  // zeros, aligned as the kernels want them
 public:
  explicit Floats(size_t count)
      : count_(count), data_(static_cast<float *>(libxsmm_aligned_malloc(count * 4, 64))) {
    zero();
  }
  Floats(const Floats &) = delete;
  ~Floats() { libxsmm_free(data_); }
  void zero() { std::memset(data_, 0, count_ * sizeof(float)); }
  void fill(const float *values) { std::memcpy(data_, values, count_ * sizeof(float)); }
  float *get() const { return data_; }
  float &operator[](size_t at) const { return data_[at]; }

 private:
  size_t count_;
  float *data_;
};

// The largest divisor that is not above `most`, one of whole vectors if there is one.
int block(int size, int most) {
  for (int whole : {16, 8, 4, 1}) {
    for (int found = most - most % whole; found >= whole && found >= most / 2; found -= whole) {
      if (size % found == 0) return found;
    }
  }
  for (int found = most; found > 1; --found) {
    if (size % found == 0) return found;
  }
  return 1;
}

class Layer {
 public:
  Layer(int time, int batch, int inputs, int units);
  ~Layer() { libxsmm_dnn_destroy_rnncell(cell_); }
  void step();

  const int time, batch, inputs, units;
  Floats kernel, recurrent, d_kernel, d_recurrent;  // in Keras' layout
  Floats x, bias, states, d_states;

 private:
  void bind(libxsmm_dnn_tensor_type type, const Floats &floats);
  void pack(const Floats &plain, int rows, int row_block, const Floats &packed,
            const Floats &transposed) const;
  void unpack(const Floats &packed, int rows, int row_block, const Floats &plain) const;
  void run(libxsmm_dnn_compute_kind kind);

  const int threads_, unit_block_, input_block_;
  libxsmm_dnn_rnncell *cell_ = nullptr;
  Floats w_, w_transposed_, u_, u_transposed_, dw_, du_, d_bias_;
  Floats first_h_, first_c_, d_first_h_, d_first_c_, d_x_, d_last_c_;
  Floats c_, i_, f_, o_, candidate_, tanh_c_;
  std::vector<char> scratch_, inside_;
};

Layer::Layer(int time, int batch, int inputs, int units)
    : time(time), batch(batch), inputs(inputs), units(units),
      kernel(size_t(GATES) * inputs * units), recurrent(size_t(GATES) * units * units),
      d_kernel(size_t(GATES) * inputs * units), d_recurrent(size_t(GATES) * units * units),
      x(size_t(time) * batch * inputs), bias(GATES * units), states(size_t(time) * batch * units),
      d_states(size_t(time) * batch * units), threads_(omp_get_max_threads()),
      unit_block_(block(units, MOST_UNITS_IN_A_BLOCK)),
      input_block_(block(inputs, MOST_UNITS_IN_A_BLOCK)), w_(size_t(GATES) * inputs * units),
      w_transposed_(size_t(GATES) * inputs * units), u_(size_t(GATES) * units * units),
      u_transposed_(size_t(GATES) * units * units), dw_(size_t(GATES) * inputs * units),
      du_(size_t(GATES) * units * units), d_bias_(GATES * units), first_h_(size_t(batch) * units),
      first_c_(size_t(batch) * units), d_first_h_(size_t(batch) * units),
      d_first_c_(size_t(batch) * units), d_x_(size_t(time) * batch * inputs),
      d_last_c_(size_t(batch) * units), c_(size_t(time) * batch * units),
      i_(size_t(time) * batch * units), f_(size_t(time) * batch * units),
      o_(size_t(time) * batch * units), candidate_(size_t(time) * batch * units),
      tanh_c_(size_t(time) * batch * units) {
  libxsmm_dnn_rnncell_desc sizes{};
  sizes.threads = threads_;
  sizes.K = units, sizes.N = batch, sizes.C = inputs, sizes.max_T = time;
  sizes.bk = unit_block_, sizes.bc = input_block_;
  sizes.bn = block(batch, MOST_DOCUMENTS_IN_A_BLOCK);
  sizes.cell_type = LIBXSMM_DNN_RNNCELL_LSTM;
  sizes.datatype_in = sizes.datatype_out = LIBXSMM_DNN_DATATYPE_F32;
  sizes.buffer_format = LIBXSMM_DNN_TENSOR_FORMAT_NC;
  sizes.filter_format = LIBXSMM_DNN_TENSOR_FORMAT_CKPACKED;
  libxsmm_dnn_err_t status = LIBXSMM_DNN_SUCCESS;
  cell_ = libxsmm_dnn_create_rnncell(sizes, &status);
  check(status);
  check(libxsmm_dnn_rnncell_allocate_forget_bias(cell_, 0.0f));
  bind(LIBXSMM_DNN_RNN_REGULAR_INPUT, x);
  bind(LIBXSMM_DNN_RNN_REGULAR_CS_PREV, first_c_);
  bind(LIBXSMM_DNN_RNN_REGULAR_HIDDEN_STATE_PREV, first_h_);
  bind(LIBXSMM_DNN_RNN_REGULAR_WEIGHT, w_);
  bind(LIBXSMM_DNN_RNN_REGULAR_RECUR_WEIGHT, u_);
  bind(LIBXSMM_DNN_RNN_REGULAR_WEIGHT_TRANS, w_transposed_);
  bind(LIBXSMM_DNN_RNN_REGULAR_RECUR_WEIGHT_TRANS, u_transposed_);
  bind(LIBXSMM_DNN_RNN_REGULAR_BIAS, bias);
  bind(LIBXSMM_DNN_RNN_REGULAR_CS, c_);
  bind(LIBXSMM_DNN_RNN_REGULAR_HIDDEN_STATE, states);
  bind(LIBXSMM_DNN_RNN_INTERNAL_I, i_);
  bind(LIBXSMM_DNN_RNN_INTERNAL_F, f_);
  bind(LIBXSMM_DNN_RNN_INTERNAL_O, o_);
  bind(LIBXSMM_DNN_RNN_INTERNAL_CI, candidate_);
  bind(LIBXSMM_DNN_RNN_INTERNAL_CO, tanh_c_);
  bind(LIBXSMM_DNN_RNN_GRADIENT_INPUT, d_x_);
  bind(LIBXSMM_DNN_RNN_GRADIENT_CS_PREV, d_first_c_);
  bind(LIBXSMM_DNN_RNN_GRADIENT_HIDDEN_STATE_PREV, d_first_h_);
  bind(LIBXSMM_DNN_RNN_GRADIENT_WEIGHT, dw_);
  bind(LIBXSMM_DNN_RNN_GRADIENT_RECUR_WEIGHT, du_);
  bind(LIBXSMM_DNN_RNN_GRADIENT_BIAS, d_bias_);
  bind(LIBXSMM_DNN_RNN_GRADIENT_CS, d_last_c_);
  bind(LIBXSMM_DNN_RNN_GRADIENT_HIDDEN_STATE, d_states);
  const auto kind = LIBXSMM_DNN_COMPUTE_KIND_ALL;
  const size_t scratch = libxsmm_dnn_rnncell_get_scratch_size(cell_, kind, &status);
  check(status);
  scratch_.resize(scratch + 64);  // the library aligns what it gets
  check(libxsmm_dnn_rnncell_bind_scratch(cell_, kind, scratch_.data()));
  const size_t inside = libxsmm_dnn_rnncell_get_internalstate_size(cell_, kind, &status);
  check(status);
  inside_.resize(inside + 64);
  check(libxsmm_dnn_rnncell_bind_internalstate(cell_, kind, inside_.data()));
}

void Layer::bind(libxsmm_dnn_tensor_type type, const Floats &floats) {
  libxsmm_dnn_err_t status = LIBXSMM_DNN_SUCCESS;
  auto *layout = libxsmm_dnn_rnncell_create_tensor_datalayout(cell_, type, &status);
  check(status);
  auto *tensor = libxsmm_dnn_link_tensor(layout, floats.get(), &status);
  check(status);
  libxsmm_dnn_destroy_tensor_datalayout(layout);
  check(libxsmm_dnn_rnncell_bind_tensor(cell_, tensor, type));
}

// Plain (rows, gates × units) to blocks (gate, unit block, row block, rows, units), and transposed
// to (gate, row block, unit block, units, rows).
void Layer::pack(const Floats &plain, int rows, int row_block, const Floats &packed,
                 const Floats &transposed) const {
  const int columns = GATES * units, width = unit_block_;
  const int unit_blocks = units / width, row_blocks = rows / row_block;
#pragma omp parallel for collapse(2)
  for (int gate = 0; gate < GATES; ++gate) {
    for (int row = 0; row < rows; ++row) {
      const int of = row / row_block, in = row % row_block;
      const float *from = plain.get() + size_t(row) * columns + KERAS_GATE[gate] * units;
      for (int unit = 0; unit < units; ++unit) {
        const int k = unit / width, j = unit % width;
        const size_t block = (size_t(gate) * unit_blocks + k) * row_blocks + of;
        const size_t other = (size_t(gate) * row_blocks + of) * unit_blocks + k;
        packed[(block * row_block + in) * width + j] = from[unit];
        transposed[(other * width + j) * row_block + in] = from[unit];
      }
    }
  }
}

void Layer::unpack(const Floats &packed, int rows, int row_block, const Floats &plain) const {
  const int columns = GATES * units, width = unit_block_;
  const int unit_blocks = units / width, row_blocks = rows / row_block;
#pragma omp parallel for collapse(2)
  for (int gate = 0; gate < GATES; ++gate) {
    for (int row = 0; row < rows; ++row) {
      const int of = row / row_block, in = row % row_block;
      float *to = plain.get() + size_t(row) * columns + KERAS_GATE[gate] * units;
      for (int k = 0; k < unit_blocks; ++k) {
        const size_t block = (size_t(gate) * unit_blocks + k) * row_blocks + of;
        std::memcpy(to + k * width, &packed[(block * row_block + in) * width],
                    width * sizeof(float));
      }
    }
  }
}

void Layer::run(libxsmm_dnn_compute_kind kind) {
  libxsmm_dnn_err_t worst = LIBXSMM_DNN_SUCCESS;
#pragma omp parallel num_threads(threads_)
  {
    const auto status = libxsmm_dnn_rnncell_execute_st(cell_, kind, 0, omp_get_thread_num());
#pragma omp critical
    worst = status > worst ? status : worst;
  }
  check(worst);
}

void Layer::step() {
  pack(kernel, inputs, input_block_, w_, w_transposed_);
  pack(recurrent, units, unit_block_, u_, u_transposed_);
  run(LIBXSMM_DNN_COMPUTE_KIND_FWD);
  run(LIBXSMM_DNN_COMPUTE_KIND_BWDUPD);
  unpack(dw_, inputs, input_block_, d_kernel);
  unpack(du_, units, unit_block_, d_recurrent);
}

template <class Function>
int guarded(Function function) {
  try {
    function();
    return 0;
  } catch (const std::exception &error) {
    last_error = error.what();
    return 1;
  }
}

}  // namespace

extern "C" {

const char *layer_error() { return last_error.c_str(); }

const char *layer_version() { return LIBXSMM_VERSION; }

// x (time, batch, inputs); bias (4 × units) in Keras' order; d_y (batch, units) of the last step.
int layer_create(void **layer, int gates, int, int time, int batch, int inputs, int units,
                 const float *x, const float *kernel, const float *recurrent, const float *bias,
                 const float *d_y) {
  return guarded([&] {
    if (gates != GATES) throw std::invalid_argument("only LSTM");
    auto *made = new Layer(time, batch, inputs, units);
    made->x.fill(x);
    made->kernel.fill(kernel);
    made->recurrent.fill(recurrent);
    for (int gate = 0; gate < GATES; ++gate) {
      std::memcpy(&made->bias[gate * units], bias + KERAS_GATE[gate] * units,
                  units * sizeof(float));
    }
    const size_t state = size_t(batch) * units;
    std::memcpy(&made->d_states[(time - 1) * state], d_y, state * sizeof(float));
    *layer = made;
  });
}

int layer_step(void *layer) {
  return guarded([&] { static_cast<Layer *>(layer)->step(); });
}

// The last state (batch, units) and the gradients of kernel and recurrent kernel.
int layer_read(void *layer, int time, int batch, int units, float *y, float *d_kernel,
               float *d_recurrent) {
  const auto &from = *static_cast<Layer *>(layer);
  const size_t state = size_t(batch) * units, columns = size_t(GATES) * units;
  std::memcpy(y, &from.states[(time - 1) * state], state * sizeof(float));
  std::memcpy(d_kernel, from.d_kernel.get(), from.inputs * columns * sizeof(float));
  std::memcpy(d_recurrent, from.d_recurrent.get(), units * columns * sizeof(float));
  return 0;
}

void layer_destroy(void *layer) { delete static_cast<Layer *>(layer); }
}
