"""CLEAR MOT and identity measures of tracks against truth; part of tracking_accuracy.py.

A frame is a pair (truth, found): `truth` maps an object to its box, `found` a track to its box; a
truth of `Hidden` is there but need not be found. Boxes are x, y, width, height.

MOTA      1 - (missed + false + switches) / true boxes, with correspondences that hold on while they
          overlap. Bernardin, Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The
          CLEAR MOT Metrics", EURASIP 2008
switches  how often an object is found under another track than the one it was last found under
IDF1      2 x right / (true + found boxes), with each object standing for the one track, and each
          track for the one object, that give the most right boxes. Ristani, Solera, Zou, Cucchiara,
          Tomasi, "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking",
          ECCV workshops 2016
"""

from dataclasses import dataclass

MIN_IOU = 0.5
MIN_HIDDEN_SHARE = 0.5  # of a found box within a hidden object's, from which it is that object


@dataclass(frozen=True)
class Hidden:
    """The box of an object that another hides, or that is partly out of the picture."""

    box: tuple


@dataclass
class Score:
    """Sums over frames; those of sequences add up."""

    true: int = 0
    found: int = 0
    missed: int = 0
    false: int = 0
    switches: int = 0
    right: int = 0  # IDTP

    def __add__(self, other):
        return Score(*(a + b for a, b in zip(vars(self).values(), vars(other).values())))

    @property
    def mota(self):
        wrong = self.missed + self.false + self.switches
        return 1 - wrong / self.true if self.true else None

    @property
    def idf1(self):
        boxes = self.true + self.found
        return 2 * self.right / boxes if boxes else None


def shared_area(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)


def iou(a, b):
    shared = shared_area(a, b)
    union = a[2] * a[3] + b[2] * b[3] - shared
    return shared / union if union > 0 else 0.0


def best_assignment(gains):
    """Pairs (row, column) of a matrix that have the greatest sum of gains >= 0; none of gain 0.

    The Hungarian method with potentials, on a square of costs.
    """
    rows, columns = len(gains), len(gains[0]) if gains else 0
    n = max(rows, columns)
    if rows == 0 or columns == 0:
        return []
    cost = [
        [-gains[r][c] if r < rows and c < columns else 0 for c in range(n)] for r in range(n)
    ]
    row_potential, column_potential = [0.0] * (n + 1), [0.0] * (n + 1)
    row_of = [0] * (n + 1)  # of a column; one-based, column 0 stands for the row being added
    for row in range(1, n + 1):
        row_of[0], column = row, 0
        slack, before, visited = [float("inf")] * (n + 1), [0] * (n + 1), [False] * (n + 1)
        while row_of[column] != 0:
            visited[column] = True
            at, step, nearest = row_of[column], float("inf"), 0
            for c in range(1, n + 1):
                if visited[c]:
                    continue
                reduced = cost[at - 1][c - 1] - row_potential[at] - column_potential[c]
                if reduced < slack[c]:
                    slack[c], before[c] = reduced, column
                if slack[c] < step:
                    step, nearest = slack[c], c
            for c in range(n + 1):
                if visited[c]:
                    row_potential[row_of[c]] += step
                    column_potential[c] -= step
                else:
                    slack[c] -= step
            column = nearest
        while column != 0:
            row_of[column] = row_of[before[column]]
            column = before[column]
    pairs = [(row_of[c] - 1, c - 1) for c in range(1, n + 1)]
    return sorted((r, c) for r, c in pairs if r < rows and c < columns and gains[r][c] > 0)


def without_hidden(truth, found):
    """Truth that counts, and what is found without what meets hidden objects only."""
    counted = {o: box for o, box in truth.items() if not isinstance(box, Hidden)}
    hidden = [box.box for box in truth.values() if isinstance(box, Hidden)]

    def meets_hidden_only(box):
        if any(iou(box, true_box) >= MIN_IOU for true_box in counted.values()):
            return False
        area = box[2] * box[3]
        return any(shared_area(box, h) >= MIN_HIDDEN_SHARE * area for h in hidden)

    return counted, {t: box for t, box in found.items() if not meets_hidden_only(box)}


def correspondences(truth, found, last):
    """object -> track of one frame: those of `last` that still overlap, then the best others."""
    pairs = {}
    lasting = [(iou(truth[o], found[last[o]]), o) for o in truth if last.get(o) in found]
    # One track may have been two objects' in turn: now it is the one's that it overlaps most.
    for overlap, o in sorted(lasting, key=lambda pair: -pair[0]):
        if overlap >= MIN_IOU and last[o] not in pairs.values():
            pairs[o] = last[o]
    objects = [o for o in truth if o not in pairs]
    tracks = [t for t in found if t not in pairs.values()]
    overlaps = [[iou(truth[o], found[t]) for t in tracks] for o in objects]
    gains = [[1 + v if v >= MIN_IOU else 0 for v in row] for row in overlaps]
    pairs.update({objects[r]: tracks[c] for r, c in best_assignment(gains)})
    return pairs


def score(frames):
    """Of one sequence."""
    total, last, together = Score(), {}, {}
    for all_truth, all_found in frames:
        truth, found = without_hidden(all_truth, all_found)
        pairs = correspondences(truth, found, last)
        total.true += len(truth)
        total.found += len(found)
        total.missed += len(truth) - len(pairs)
        total.false += len(found) - len(pairs)
        total.switches += sum(last.get(o, t) != t for o, t in pairs.items())
        last.update(pairs)
        for o, true_box in truth.items():
            for t, box in found.items():
                if iou(true_box, box) >= MIN_IOU:
                    together[o, t] = together.get((o, t), 0) + 1
    objects = sorted({o for o, _ in together})
    tracks = sorted({t for _, t in together})
    gains = [[together.get((o, t), 0) for t in tracks] for o in objects]
    total.right = sum(gains[r][c] for r, c in best_assignment(gains))
    return total
