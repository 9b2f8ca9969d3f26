/// The layers of an overlay, each for one face or person. Private to this module.
#pragma once

#include <vector>

#include "perception/face.hpp"
#include "perception/person.hpp"
#include "sink/canvas.hpp"

namespace retinue {

/// How much of a face is drawn: small faces would drown in lines.
enum class OverlayDetail { box, outline, full };

/// How heavy lines and letters are, for one picture and one face in it.
struct OverlayScale {
  OverlayDetail detail = OverlayDetail::box;
  float face_px = 0;  ///< Edge of the square with the area of the face's box.
  float line_px = 0;
  float font_px = 0;
};

OverlayScale overlay_scale(Size picture, const Box<FramePx>& face);

/// Size of the letters that belong to the picture and not to a face.
float caption_font_px(Size picture);

void draw_box(Canvas& canvas, const Face& face, const OverlayScale& scale);
void draw_label(Canvas& canvas, const Face& face, const OverlayScale& scale);
/// For a person of this box; `face_px` is the box's long side.
OverlayScale person_scale(Size picture, const Box<FramePx>& person);

void draw_person_box(Canvas& canvas, const Person& person, const OverlayScale& scale);
void draw_person_label(Canvas& canvas, const Person& person, const OverlayScale& scale);
/// Bones between points that are more than guesses: the person's left warm, their right cool.
void draw_skeleton(Canvas& canvas, const Person& person, const OverlayScale& scale);

void draw_contours(Canvas& canvas, const Face& face, const OverlayScale& scale);
void draw_head_axes(Canvas& canvas, const Face& face, const OverlayScale& scale);

/// An arrow from the iris of each open eye, both along the gaze of both eyes together. Shorter the
/// more the person looks towards the camera: as a stick of fixed length would be seen.
void draw_gaze(Canvas& canvas, const Face& face, const OverlayScale& scale);

/// Draws beside the face where there is room. `taken` are the places that other things need;
/// the bars' own is added to it.
void draw_blendshape_bars(Canvas& canvas, const Face& face, const OverlayScale& scale,
                          std::vector<Box<FramePx>>& taken);

}  // namespace retinue
