#include "models/openvino_import.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <pugixml.hpp>

#include "models/openvino_graph.hpp"
#include "models/openvino_operators.hpp"

namespace retinue {

bool is_xml(std::span<const std::byte> bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '<';
}

Result<std::vector<std::byte>> onnx_from_openvino(std::span<const std::byte> xml,
                                                  std::span<const std::byte> weights) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
  if (!parsed) {
    return fail(ErrorCode::corrupt_input, "not an OpenVINO model, or cut short: at byte " +
                                              std::to_string(parsed.offset) +
                                              " of the XML: " + parsed.description());
  }
  const pugi::xml_node net = document.child("net");
  if (!net) return corrupt_openvino("it has no <net>");
  const std::string_view version = net.attribute("version").as_string();
  if (version != "10" && version != "11") {
    return fail(ErrorCode::unsupported, "the OpenVINO model is of IR version '" +
                                            std::string(version) + "': 10 and 11 are read");
  }
  OpenvinoGraph graph(weights);
  TRY(graph.read(net));
  const std::vector<OpenvinoLayer> layers = TRY(graph.layers_in_order());
  for (const OpenvinoLayer& layer : layers) {
    Result<void> added = write_openvino_layer(graph, layer);
    if (!added) {
      return tl::unexpected(std::move(added).error().with_context(
          "operator " + layer.attribute("type") + " (" + layer.attribute("version") +
          ") in layer '" + layer.attribute("name") + "'"));
    }
  }
  return graph.builder().finish();
}

}  // namespace retinue
