#include "sink/canvas.hpp"

#include <cmath>
#include <numbers>

namespace retinue {

namespace {

constexpr double kQuarterTurn = std::numbers::pi / 2;
constexpr double kHaloOpacity = 0.5;

double wide(float value) {
  return static_cast<double>(value);
}

}  // namespace

Canvas::Canvas(const Preview& picture)
    : size_(picture.size),
      surface_(cairo_image_surface_create_for_data(
          reinterpret_cast<unsigned char*>(picture.bgrx), CAIRO_FORMAT_RGB24, picture.size.width,
          picture.size.height, static_cast<int>(picture.stride_bytes))),
      context_(cairo_create(surface_.get())) {
  cairo_set_antialias(context_.get(), CAIRO_ANTIALIAS_FAST);
  cairo_set_line_join(context_.get(), CAIRO_LINE_JOIN_BEVEL);
  cairo_set_line_cap(context_.get(), CAIRO_LINE_CAP_ROUND);
}

void Canvas::add_line(Point<FramePx> from, Point<FramePx> to) {
  cairo_move_to(context_.get(), wide(from.x), wide(from.y));
  cairo_line_to(context_.get(), wide(to.x), wide(to.y));
}

void Canvas::add_polyline(std::span<const Point<FramePx>> points, PathEnd end) {
  cairo_new_sub_path(context_.get());
  for (const Point<FramePx>& point : points)
    cairo_line_to(context_.get(), wide(point.x), wide(point.y));
  if (end == PathEnd::closed) cairo_close_path(context_.get());
}

void Canvas::add_circle(Point<FramePx> center, float radius_px) {
  cairo_new_sub_path(context_.get());
  cairo_arc(context_.get(), wide(center.x), wide(center.y), wide(radius_px), 0, 4 * kQuarterTurn);
}

void Canvas::add_rounded_box(const Box<FramePx>& box, float radius_px) {
  cairo_t* const cr = context_.get();
  const double r = std::min({wide(radius_px), wide(box.width) / 2, wide(box.height) / 2});
  const double left = wide(box.x);
  const double top = wide(box.y);
  const double right = wide(box.right());
  const double bottom = wide(box.bottom());
  cairo_new_sub_path(cr);
  cairo_arc(cr, right - r, top + r, r, -kQuarterTurn, 0);
  cairo_arc(cr, right - r, bottom - r, r, 0, kQuarterTurn);
  cairo_arc(cr, left + r, bottom - r, r, kQuarterTurn, 2 * kQuarterTurn);
  cairo_arc(cr, left + r, top + r, r, 2 * kQuarterTurn, 3 * kQuarterTurn);
  cairo_close_path(cr);
}

void Canvas::add_corners(const Box<FramePx>& box, float arm_px, float radius_px) {
  cairo_t* const cr = context_.get();
  const double r = wide(radius_px);
  const double arm = wide(arm_px);
  const double left = wide(box.x);
  const double top = wide(box.y);
  const double right = wide(box.right());
  const double bottom = wide(box.bottom());
  cairo_move_to(cr, left, top + arm);
  cairo_arc(cr, left + r, top + r, r, 2 * kQuarterTurn, 3 * kQuarterTurn);
  cairo_line_to(cr, left + arm, top);
  cairo_move_to(cr, right - arm, top);
  cairo_arc(cr, right - r, top + r, r, -kQuarterTurn, 0);
  cairo_line_to(cr, right, top + arm);
  cairo_move_to(cr, right, bottom - arm);
  cairo_arc(cr, right - r, bottom - r, r, 0, kQuarterTurn);
  cairo_line_to(cr, right - arm, bottom);
  cairo_move_to(cr, left + arm, bottom);
  cairo_arc(cr, left + r, bottom - r, r, kQuarterTurn, 2 * kQuarterTurn);
  cairo_line_to(cr, left, bottom - arm);
}

void Canvas::stroke_halo(float line_px) {
  cairo_set_source_rgba(context_.get(), 0, 0, 0, kHaloOpacity);
  cairo_set_line_width(context_.get(), wide(line_px) * 1.6 + 1.2);
  cairo_stroke_preserve(context_.get());
}

void Canvas::stroke(const SrgbColor& color, float line_px, double opacity) {
  cairo_set_source_rgba(context_.get(), color.red, color.green, color.blue, opacity);
  cairo_set_line_width(context_.get(), wide(line_px));
  cairo_stroke(context_.get());
}

void Canvas::fill(const SrgbColor& color, double opacity) {
  cairo_set_source_rgba(context_.get(), color.red, color.green, color.blue, opacity);
  cairo_fill(context_.get());
}

void Canvas::fill_with(const Preview& picture, const Box<FramePx>& area) {
  const std::unique_ptr<cairo_surface_t, Destroy> surface(cairo_image_surface_create_for_data(
      reinterpret_cast<unsigned char*>(picture.bgrx), CAIRO_FORMAT_RGB24, picture.size.width,
      picture.size.height, static_cast<int>(picture.stride_bytes)));
  cairo_set_source_surface(context_.get(), surface.get(), 0, 0);
  cairo_pattern_t* const pattern = cairo_get_source(context_.get());
  cairo_matrix_t picture_from_canvas;
  cairo_matrix_init_scale(&picture_from_canvas, picture.size.width / wide(area.width),
                          picture.size.height / wide(area.height));
  cairo_matrix_translate(&picture_from_canvas, -wide(area.x), -wide(area.y));
  cairo_pattern_set_matrix(pattern, &picture_from_canvas);
  cairo_pattern_set_filter(pattern, CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD);
  cairo_fill(context_.get());
}

void Canvas::set_font(float size_px, FontWeight weight) {
  font_px_ = std::round(size_px);
  cairo_select_font_face(
      context_.get(), "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
      weight == FontWeight::bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context_.get(), wide(font_px_));
}

float Canvas::text_width(const std::string& text) const {
  cairo_text_extents_t extents{};
  cairo_text_extents(context_.get(), text.c_str(), &extents);
  return static_cast<float>(extents.x_advance);
}

void Canvas::draw_text(Point<FramePx> left, const std::string& text, const SrgbColor& color) {
  cairo_t* const cr = context_.get();
  // On whole pixels letters are sharp, and their glyphs come from cairo's cache.
  const double x = std::round(wide(left.x));
  const double y = std::round(wide(left.y));
  cairo_move_to(cr, x, y);
  cairo_text_path(cr, text.c_str());
  cairo_set_source_rgba(cr, 0, 0, 0, 0.75);
  cairo_set_line_width(cr, std::max(2.0, wide(font_px_) / 5));
  cairo_stroke(cr);
  cairo_move_to(cr, x, y);
  cairo_set_source_rgb(cr, color.red, color.green, color.blue);
  cairo_show_text(cr, text.c_str());
  cairo_new_path(cr);
}

}  // namespace retinue
