"""AR-TOOL14: carbon stocks and their change of trees and shrubs, by sample plots."""
