// Package lab runs the models on any table, without the platform: no data folder, no import. It is what replaces a notebook, and how
// others can check the models: every figure is of rows that the model had not seen.
//
// A Sheet is a file as columns of numbers, words and holes. Each question (Churn, Survival) takes a Sheet and its options, and
// gives a report whose JSON keys stay.
package lab
