package inspect

import "math"

// pdfMatrix is a transformation (ISO 32000-1, 8.3.3).
type pdfMatrix [6]float64

var pdfUnit = pdfMatrix{1, 0, 0, 1, 0, 0}

// over returns the matrix that applies m first, and n then.
func (m pdfMatrix) over(n pdfMatrix) pdfMatrix {
	return pdfMatrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m pdfMatrix) apply(x, y float64) (float64, float64) {
	return x*m[0] + y*m[2] + m[4], x*m[1] + y*m[3] + m[5]
}

// pdfArea is a rectangle; one without a point has its left behind its right.
type pdfArea struct{ Left, Low, Right, High float64 }

var noArea = pdfArea{math.MaxFloat64, math.MaxFloat64, -math.MaxFloat64, -math.MaxFloat64}

func (a pdfArea) empty() bool { return a.Left > a.Right }

// with returns the area with one point more. A number that is none changes nothing.
func (a pdfArea) with(x, y float64) pdfArea {
	if math.Abs(x) > 1e12 || math.Abs(y) > 1e12 || math.IsNaN(x+y) {
		return a
	}
	return pdfArea{min(a.Left, x), min(a.Low, y), max(a.Right, x), max(a.High, y)}
}

func (a pdfArea) holds(x, y float64) bool {
	const near = 2
	return x >= a.Left-near && x <= a.Right+near && y >= a.Low-near && y <= a.High+near
}

// pdfAreas are areas that were painted. The last of maxAreas takes in all that come later.
type pdfAreas []pdfArea

func (a *pdfAreas) add(b pdfArea) {
	if len(*a) < maxAreas {
		*a = append(*a, b)
		return
	}
	last := &(*a)[maxAreas-1]
	*last = last.with(b.Left, b.Low).with(b.Right, b.High)
}

func (a pdfAreas) hold(x, y float64) bool {
	for _, b := range a {
		if b.holds(x, y) {
			return true
		}
	}
	return false
}
