package airlock

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// checkTags holds the members of v, and of the structs in it, against their tags
// minimum, maximum and enum. path is how a document names v.
func checkTags(path string, v reflect.Value) []Violation {
	var out []Violation
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch member := path + "." + name; value.Kind() {
		case reflect.Struct:
			out = append(out, checkTags(member, value)...)
		case reflect.Int, reflect.Int64:
			if low, high := bounds(field.Tag); value.Int() < low || value.Int() > high {
				out = append(out, Violation{Rule: "out_of_range", Message: member + " must be " + inWords(low, high) + fmt.Sprintf(", not %d.", value.Int())})
			}
		case reflect.String:
			choices, limited := field.Tag.Lookup("enum")
			if limited && !slices.Contains(strings.Split(choices, ","), value.String()) {
				out = append(out, Violation{Rule: "unknown_value", Message: member + " must be one of " + strings.ReplaceAll(choices, ",", ", ") + "."})
			}
		}
	}
	return out
}

// bounds reads a number's tags. One that is missing or is no number bounds nothing.
func bounds(tag reflect.StructTag) (low, high int64) {
	low, high = math.MinInt64, math.MaxInt64
	if n, err := strconv.ParseInt(tag.Get("minimum"), 10, 64); err == nil {
		low = n
	}
	if n, err := strconv.ParseInt(tag.Get("maximum"), 10, 64); err == nil {
		high = n
	}
	return low, high
}

func inWords(low, high int64) string {
	if high == math.MaxInt64 {
		return fmt.Sprintf("at least %d", low)
	}
	return fmt.Sprintf("between %d and %d", low, high)
}
