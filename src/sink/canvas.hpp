/// Cairo on a preview: the few strokes and letters that overlays are made of.
///
/// Private to this module: the only header that includes cairo.
#pragma once

#include <cairo.h>

#include <memory>
#include <span>
#include <string>

#include "frame/preview.hpp"
#include "geometry/point.hpp"
#include "geometry/space.hpp"
#include "sink/track_color.hpp"

namespace retinue {

enum class PathEnd { open, closed };
enum class FontWeight { normal, bold };

/// Path calls add to the current path; strokes and fills use it up. Many lines in one stroke cost
/// far less than one stroke a line. Thread-bound; borrows the picture.
class Canvas {
 public:
  explicit Canvas(const Preview& picture);

  Size size() const { return size_; }

  void add_line(Point<FramePx> from, Point<FramePx> to);
  void add_polyline(std::span<const Point<FramePx>> points, PathEnd end);
  void add_circle(Point<FramePx> center, float radius_px);
  void add_rounded_box(const Box<FramePx>& box, float radius_px);
  /// The four corners of `box`, each with arms of `arm_px`.
  void add_corners(const Box<FramePx>& box, float arm_px, float radius_px);

  /// Keeps the path, for a stroke on top.
  void stroke_halo(float line_px);
  void stroke(const SrgbColor& color, float line_px, double opacity = 1);
  void fill(const SrgbColor& color, double opacity = 1);
  /// With `picture`, enlarged smoothly onto `area`; beyond it its edge goes on.
  void fill_with(const Preview& picture, const Box<FramePx>& area);

  /// Of the text that follows. Whole pixels, so that the glyphs of earlier frames are used again.
  void set_font(float size_px, FontWeight weight);
  float text_width(const std::string& text) const;
  /// Light letters with a dark outline; `left` is on the base line.
  void draw_text(Point<FramePx> left, const std::string& text, const SrgbColor& color);

 private:
  struct Destroy {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* context) const { cairo_destroy(context); }
  };

  Size size_;
  float font_px_ = 0;
  std::unique_ptr<cairo_surface_t, Destroy> surface_;
  std::unique_ptr<cairo_t, Destroy> context_;
};

}  // namespace retinue
