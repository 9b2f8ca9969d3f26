/// A small OpenVINO model, written in a test.
#pragma once

#include <string>

namespace retinue {

/// y [1, 2, 2, 3] = relu(x · w + b): a 1x1 convolution of x [1, 2, 2, 3] with float16 weights at
/// byte 0 (2x2: 1, -1, 0.5, 2) and a float32 bias at byte 8 (0.25, -4). `last` is the type of the
/// last operator.
inline std::string tiny_openvino_xml(const std::string& last = "ReLU",
                                     const std::string& version = "11") {
  const std::string picture = "<dim>1</dim><dim>2</dim><dim>2</dim><dim>3</dim>";
  const auto port = [](const std::string& id, const std::string& dimensions) {
    return "<port id=\"" + id + "\">" + dimensions + "</port>";
  };
  const std::string two_inputs = "<input>" + port("0", picture) + port("1", "") + "</input>";
  const std::string one_input = "<input>" + port("0", picture) + "</input>";
  const auto output = [&](const std::string& id) {
    return "<output>" + port(id, picture) + "</output>";
  };
  return "<?xml version=\"1.0\"?>\n<net name=\"tiny\" version=\"" + version + "\"><layers>" +
         "<layer id=\"0\" name=\"x\" type=\"Parameter\" version=\"opset1\">"
         "<data shape=\"1,2,2,3\" element_type=\"f32\"/>" +
         output("0") +
         "</layer>"
         "<layer id=\"1\" name=\"w\" type=\"Const\" version=\"opset1\">"
         "<data element_type=\"f16\" shape=\"2, 2, 1, 1\" offset=\"0\" size=\"8\"/>" +
         output("0") +
         "</layer>"
         "<layer id=\"2\" name=\"w32\" type=\"Convert\" version=\"opset1\">"
         "<data destination_type=\"f32\"/><input>" +
         port("0", "") + "</input>" + output("1") +
         "</layer>"
         "<layer id=\"3\" name=\"conv\" type=\"Convolution\" version=\"opset1\">"
         "<data strides=\"1, 1\" dilations=\"1, 1\" pads_begin=\"0, 0\" pads_end=\"0, 0\" "
         "auto_pad=\"explicit\"/>" +
         two_inputs + output("2") +
         "</layer>"
         "<layer id=\"4\" name=\"b\" type=\"Const\" version=\"opset1\">"
         "<data element_type=\"f32\" shape=\"1, 2, 1, 1\" offset=\"8\" size=\"8\"/>" +
         output("0") +
         "</layer>"
         "<layer id=\"5\" name=\"sum\" type=\"Add\" version=\"opset1\"><data "
         "auto_broadcast=\"numpy\"/>" +
         two_inputs + output("2") +
         "</layer>"
         "<layer id=\"6\" name=\"y\" type=\"" +
         last + "\" version=\"opset1\">" + one_input + output("1") +
         "</layer>"
         "<layer id=\"7\" name=\"y/sink\" type=\"Result\" version=\"opset1\">" +
         one_input +
         "</layer>"
         "</layers><edges>"
         "<edge from-layer=\"0\" from-port=\"0\" to-layer=\"3\" to-port=\"0\"/>"
         "<edge from-layer=\"1\" from-port=\"0\" to-layer=\"2\" to-port=\"0\"/>"
         "<edge from-layer=\"2\" from-port=\"1\" to-layer=\"3\" to-port=\"1\"/>"
         "<edge from-layer=\"3\" from-port=\"2\" to-layer=\"5\" to-port=\"0\"/>"
         "<edge from-layer=\"4\" from-port=\"0\" to-layer=\"5\" to-port=\"1\"/>"
         "<edge from-layer=\"5\" from-port=\"2\" to-layer=\"6\" to-port=\"0\"/>"
         "<edge from-layer=\"6\" from-port=\"1\" to-layer=\"7\" to-port=\"0\"/>"
         "</edges></net>\n";
}

inline std::string tiny_openvino_weights() {
  // 1, -1, 0.5, 2 in binary16; 0.25, -4 in binary32; little-endian.
  return std::string("\x00\x3c\x00\xbc\x00\x38\x00\x40\x00\x00\x80\x3e\x00\x00\x80\xc0", 16);
}

}  // namespace retinue
