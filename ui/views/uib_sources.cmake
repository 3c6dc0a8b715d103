target_sources(fs_ui PRIVATE
    ${CMAKE_CURRENT_LIST_DIR}/../models/checkpoint_table_model.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../models/event_filter_model.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../models/event_table_model.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../models/event_recovery_model.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../models/raft_log_model.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../models/raft_member_model.cpp
    ${CMAKE_CURRENT_LIST_DIR}/../models/locate_hits_model.cpp
    ${CMAKE_CURRENT_LIST_DIR}/events_view.cpp
    ${CMAKE_CURRENT_LIST_DIR}/raft_view.cpp
    ${CMAKE_CURRENT_LIST_DIR}/correlation_view.cpp
    ${CMAKE_CURRENT_LIST_DIR}/load_charts.cpp
    ${CMAKE_CURRENT_LIST_DIR}/load_charts_panel.cpp
    ${CMAKE_CURRENT_LIST_DIR}/load_charts_table.cpp)
