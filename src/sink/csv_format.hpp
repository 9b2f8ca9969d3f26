/// Which columns a CSV has.
#pragma once

#include <string>

#include "perception/frame_result.hpp"

namespace retinue {

/// Turns results into rows. One file per format; CsvSink writes what it says. Thread-bound.
class CsvFormat {
 public:
  virtual ~CsvFormat() = default;
  CsvFormat() = default;
  CsvFormat(const CsvFormat&) = delete;
  CsvFormat& operator=(const CsvFormat&) = delete;
  CsvFormat(CsvFormat&&) = delete;
  CsvFormat& operator=(CsvFormat&&) = delete;

  /// Appends the line with the names of the columns, line end included.
  virtual void append_header(std::string& out) const = 0;

  /// Appends the rows of one result, each with its line end and as many fields as the header.
  virtual void append_rows(std::string& out, const FrameResult& result) const = 0;
};

}  // namespace retinue
