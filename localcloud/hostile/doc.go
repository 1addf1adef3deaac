// Package hostile has files that are made to break a program that looks into them: tokens without end, structures that claim
// what is not there, archives that unpack to more than anybody has. They take no memory however large they are.
package hostile
