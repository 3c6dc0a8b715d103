target_sources(fs_ui PRIVATE
    ${CMAKE_CURRENT_LIST_DIR}/timeline_scene.cpp
    ${CMAKE_CURRENT_LIST_DIR}/timeline_painter.cpp
    ${CMAKE_CURRENT_LIST_DIR}/timeline_widget.cpp
    ${CMAKE_CURRENT_LIST_DIR}/timeline_legend.cpp
    ${CMAKE_CURRENT_LIST_DIR}/timeline_details.cpp
    ${CMAKE_CURRENT_LIST_DIR}/timeline_view.cpp
    ${CMAKE_CURRENT_LIST_DIR}/term_strip.cpp
    ${CMAKE_CURRENT_LIST_DIR}/hit_lanes.cpp
    ${CMAKE_CURRENT_LIST_DIR}/plain_table.cpp)
