// A recurrent layer by oneDNN's RNN primitives: forward (training) and backward of one batch.
//
// Weights and their gradients are plain arrays in Keras' order outside. A step brings the weights
// into the primitives' own layouts and the gradients back, as a training that changes the weights
// has to. All functions return 0, or 1 after an error whose text is in `layer_error()`.

#include <cstring>
#include <string>
#include <unordered_map>

#include "dnnl.hpp"

using dnnl::memory;
using dnnl::prop_kind;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;

namespace {

const memory::desc NONE;
const auto FORWARD = prop_kind::forward_training;
const auto BACKWARD = prop_kind::backward;
const auto DIRECTION = dnnl::rnn_direction::unidirectional_left2right;
std::string last_error;

memory::desc described(memory::dims dims, Tag tag) {
  return memory::desc(dims, memory::data_type::f32, tag);
}

float *floats(const memory &of) { return static_cast<float *>(of.get_data_handle()); }

void fill(const memory &target, const float *values, size_t count) {
  std::memcpy(floats(target), values, count * sizeof(float));
}

void zero(const memory &target) {
  std::memset(target.get_data_handle(), 0, target.get_desc().get_size());
}

struct Sizes {
  int gates, biases, time, batch, inputs, units;
};

struct Layer {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  dnnl::primitive forward, backward;
  Arguments forward_arguments, backward_arguments;
  memory kernel, recurrent, d_kernel, d_recurrent;  // in Keras' layout

  Layer(const Sizes &sizes);

 private:
  template <class Forward, class Backward>
  void connect(const Forward &forward_pd, const Backward &backward_pd, const memory::desc &state);
  memory made(const memory::desc &desc) { return memory(desc, engine); }
};

Layer::Layer(const Sizes &s) {
  const auto x = described({s.time, s.batch, s.inputs}, Tag::tnc);
  const auto y = described({s.time, s.batch, s.units}, Tag::tnc);
  const auto h = described({1, 1, s.batch, s.units}, Tag::ldnc);  // the states before the first step
  const auto b = described({1, 1, s.biases, s.units}, Tag::ldgo);
  const memory::dims kernel_dims{1, 1, s.inputs, s.gates, s.units};
  const memory::dims recurrent_dims{1, 1, s.units, s.gates, s.units};
  const auto w = described(kernel_dims, Tag::any), u = described(recurrent_dims, Tag::any);
  kernel = made(described(kernel_dims, Tag::ldigo));
  recurrent = made(described(recurrent_dims, Tag::ldigo));
  d_kernel = made(described(kernel_dims, Tag::ldigo));
  d_recurrent = made(described(recurrent_dims, Tag::ldigo));
  if (s.gates == 4) {
    using F = dnnl::lstm_forward;
    using B = dnnl::lstm_backward;
    F::primitive_desc f(engine, FORWARD, DIRECTION, x, h, h, w, u, b, y, NONE, NONE);
    B::primitive_desc g(engine, BACKWARD, DIRECTION, x, h, h, w, u, b, y, NONE, NONE, x, h, h, w, u,
                        b, y, NONE, NONE, f);
    forward = F(f), backward = B(g);
    connect(f, g, h);
  } else if (s.gates == 3) {  // the reset gate is applied after the product, as in Keras
    using F = dnnl::lbr_gru_forward;
    using B = dnnl::lbr_gru_backward;
    F::primitive_desc f(engine, FORWARD, DIRECTION, x, h, w, u, b, y, NONE);
    B::primitive_desc g(engine, BACKWARD, DIRECTION, x, h, w, u, b, y, NONE, x, h, w, u, b, y, NONE,
                        f);
    forward = F(f), backward = B(g);
    connect(f, g, h);
  } else {
    using F = dnnl::vanilla_rnn_forward;
    using B = dnnl::vanilla_rnn_backward;
    const auto tanh = dnnl::algorithm::eltwise_tanh;
    F::primitive_desc f(engine, FORWARD, tanh, DIRECTION, x, h, w, u, b, y, NONE);
    B::primitive_desc g(engine, BACKWARD, tanh, DIRECTION, x, h, w, u, b, y, NONE, x, h, w, u, b, y,
                        NONE, f);
    forward = F(f), backward = B(g);
    connect(f, g, h);
  }
}

template <class Forward, class Backward>
void Layer::connect(const Forward &f, const Backward &g, const memory::desc &state) {
  const memory workspace = made(f.workspace_desc());
  forward_arguments = {
      {DNNL_ARG_SRC_LAYER, made(f.src_layer_desc())},
      {DNNL_ARG_WEIGHTS_LAYER, made(f.weights_layer_desc())},
      {DNNL_ARG_WEIGHTS_ITER, made(f.weights_iter_desc())},
      {DNNL_ARG_BIAS, made(f.bias_desc())},
      {DNNL_ARG_DST_LAYER, made(f.dst_layer_desc())},
      {DNNL_ARG_WORKSPACE, workspace},
  };
  backward_arguments = {
      {DNNL_ARG_SRC_LAYER, forward_arguments.at(DNNL_ARG_SRC_LAYER)},
      {DNNL_ARG_WEIGHTS_LAYER, made(g.weights_layer_desc())},
      {DNNL_ARG_WEIGHTS_ITER, made(g.weights_iter_desc())},
      {DNNL_ARG_BIAS, forward_arguments.at(DNNL_ARG_BIAS)},
      {DNNL_ARG_DST_LAYER, forward_arguments.at(DNNL_ARG_DST_LAYER)},
      {DNNL_ARG_WORKSPACE, workspace},
      {DNNL_ARG_DIFF_SRC_LAYER, made(g.diff_src_layer_desc())},
      {DNNL_ARG_DIFF_WEIGHTS_LAYER, made(g.diff_weights_layer_desc())},
      {DNNL_ARG_DIFF_WEIGHTS_ITER, made(g.diff_weights_iter_desc())},
      {DNNL_ARG_DIFF_BIAS, made(g.diff_bias_desc())},
      {DNNL_ARG_DIFF_DST_LAYER, made(g.diff_dst_layer_desc())},
  };
  // With none given, 3.2 returns wrong gradients of the recurrent weights.
  const memory zeros = made(state);
  zero(zeros);
  for (int states : {DNNL_ARG_SRC_ITER, DNNL_ARG_SRC_ITER_C}) {
    forward_arguments[states] = backward_arguments[states] = zeros;
  }
  for (int states : {DNNL_ARG_DIFF_SRC_ITER, DNNL_ARG_DIFF_SRC_ITER_C}) {
    backward_arguments[states] = made(state);
  }
}

void reorder(Layer &layer, memory from, memory to) {
  dnnl::reorder(from, to).execute(layer.stream, from, to);
}

void run(Layer &layer) {
  auto &forward = layer.forward_arguments, &backward = layer.backward_arguments;
  for (auto *arguments : {&forward, &backward}) {
    reorder(layer, layer.kernel, arguments->at(DNNL_ARG_WEIGHTS_LAYER));
    reorder(layer, layer.recurrent, arguments->at(DNNL_ARG_WEIGHTS_ITER));
  }
  layer.forward.execute(layer.stream, forward);
  for (int sum : {DNNL_ARG_DIFF_WEIGHTS_LAYER, DNNL_ARG_DIFF_WEIGHTS_ITER, DNNL_ARG_DIFF_BIAS}) {
    zero(backward.at(sum));  // the primitive adds to what is there
  }
  layer.backward.execute(layer.stream, backward);
  reorder(layer, backward.at(DNNL_ARG_DIFF_WEIGHTS_LAYER), layer.d_kernel);
  reorder(layer, backward.at(DNNL_ARG_DIFF_WEIGHTS_ITER), layer.d_recurrent);
  layer.stream.wait();
}

template <class Function>
int guarded(Function function) {
  try {
    function();
    return 0;
  } catch (const dnnl::error &error) {
    last_error = error.message;
  } catch (const std::exception &error) {
    last_error = error.what();
  }
  return 1;
}

}  // namespace

extern "C" {

const char *layer_error() { return last_error.c_str(); }

const char *layer_version() {
  static std::string text;
  const auto *version = dnnl_version();
  text = std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
  return text.c_str();
}

// x (time, batch, inputs); bias (biases, units); d_y (batch, units) of the last step.
int layer_create(void **layer, int gates, int biases, int time, int batch, int inputs, int units,
                  const float *x, const float *kernel, const float *recurrent, const float *bias,
                  const float *d_y) {
  return guarded([&] {
    auto *made = new Layer({gates, biases, time, batch, inputs, units});
    const size_t columns = size_t(gates) * units, state = size_t(batch) * units;
    fill(made->forward_arguments.at(DNNL_ARG_SRC_LAYER), x, size_t(time) * batch * inputs);
    fill(made->forward_arguments.at(DNNL_ARG_BIAS), bias, size_t(biases) * units);
    fill(made->kernel, kernel, inputs * columns);
    fill(made->recurrent, recurrent, units * columns);
    const auto &d_dst = made->backward_arguments.at(DNNL_ARG_DIFF_DST_LAYER);
    zero(d_dst);
    std::memcpy(floats(d_dst) + (time - 1) * state, d_y, state * sizeof(float));
    *layer = made;
  });
}

int layer_step(void *layer) {
  return guarded([&] { run(*static_cast<Layer *>(layer)); });
}

// The last state (batch, units) and the gradients of kernel and recurrent kernel.
int layer_read(void *layer, int time, int batch, int units, float *y, float *d_kernel,
                float *d_recurrent) {
  return guarded([&] {
    auto &from = *static_cast<Layer *>(layer);
    const size_t state = size_t(batch) * units;
    const float *all = floats(from.forward_arguments.at(DNNL_ARG_DST_LAYER));
    std::memcpy(y, all + (time - 1) * state, state * sizeof(float));
    std::memcpy(d_kernel, floats(from.d_kernel), from.d_kernel.get_desc().get_size());
    std::memcpy(d_recurrent, floats(from.d_recurrent), from.d_recurrent.get_desc().get_size());
  });
}

void layer_destroy(void *layer) { delete static_cast<Layer *>(layer); }
}
